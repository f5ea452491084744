// The words of a PDF with their places, read by poppler, as plain C.
#pragma once
#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum {
    CPopplerRead = 0,
    CPopplerDamaged = 1,
    CPopplerLocked = 2,
    CPopplerTooManyPages = 3,
    CPopplerOutOfMemory = 4,
    CPopplerStopped = 5,
} CPopplerOutcome;

// A run of characters without a space; the page's origin is its top left corner, the unit a point.
typedef struct {
    const char *text;  // UTF-8, ends with NUL, valid for the call
    double left, top, right, bottom;
    double fontSize;  // 0 where it is not known
    bool hasSpaceAfter;
} CPopplerWord;

typedef struct {
    void *context;
    // Called once, before the pages; any of the three texts may be empty.
    void (*describe)(void *context, int pageCount, const char *title, const char *author, const char *created);
    // Called for every page in order, before its words.
    void (*beginPage)(void *context, double width, double height);
    // Called for every word in the order of the page's content; false stops the reading.
    bool (*word)(void *context, const CPopplerWord *word);
} CPopplerReader;

// Reads the bytes, which must stay where they are for the call. `pageCount` is set whenever the document could be
// opened. Nothing is thrown, written or kept.
CPopplerOutcome cpoppler_read(const char *bytes, int byteCount, int pageCountMax, int *pageCount,
                              const CPopplerReader *reader);

#ifdef __cplusplus
}
#endif
