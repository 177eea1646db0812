"""How the admin writes days and times: as the site's own pages do."""
