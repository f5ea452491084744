#pragma once
// LAPACKE's header declares its complex types through C's _Complex, which Swift does not import: any
// type of the right size will do for functions that are not called.
typedef struct { float real, imaginary; } carrel_complex_float;
typedef struct { double real, imaginary; } carrel_complex_double;
#define lapack_complex_float carrel_complex_float
#define lapack_complex_double carrel_complex_double
#define LAPACK_COMPLEX_CUSTOM
#include <lapacke.h>
