#pragma once
// What a C library says of its heap beyond the standard, where it has such a header.
#if __has_include(<malloc.h>)
#include <malloc.h>
#endif
