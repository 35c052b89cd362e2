// A red ball that rolls over a chequered floor as the clock goes from 0 to 1. Made for these tests.
#version 3.7;
#include "colors.inc"
#include "parts/floor.inc"
global_settings { assumed_gamma 1.0 }
camera { orthographic location <0, 2, -6> look_at <0, 0.5, 0> right x * 6 up y * 4 }
light_source { <2, 6, -4> color White }
floor_of("parts/wood.png")
sphere { <-2 + 4 * clock, 0.5, 0>, 0.5 pigment { color Red } finish { ambient 1 diffuse 0 } }
/* #include "never.inc" */
