"""The processes of a site: started, stopped, listening, and their signs of life."""
