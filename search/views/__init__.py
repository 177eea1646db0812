"""The pages, as recipes: guard, form, one call into the domain, one context, render."""
