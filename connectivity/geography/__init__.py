"""Where an address is: read it, put it on Chicago's address grid, find its community area, say how sure. Pure: numpy, shapely, pyproj."""
