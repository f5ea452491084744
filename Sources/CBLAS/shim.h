#pragma once
/* OpenBLAS installs cblas.h; the reference BLAS installs cblas-netlib.h. Either will do. */
#if __has_include(<cblas.h>)
#include <cblas.h>
#else
#include <cblas-netlib.h>
#endif
