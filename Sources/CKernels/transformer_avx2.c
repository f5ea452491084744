#if defined(__x86_64__)
#define LANES 8
#define TARGET __attribute__((target("avx2,fma")))
#define FORMS transformer_forms_avx2
#include "transformer_vector.h"
#endif
