"""The whole house under load: production's own command lines, real servers, and visitors who come whether or not."""
