"""Forms on the screen, one file for each part of the agency's desk; what several need is in `shared`."""
