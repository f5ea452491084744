#pragma once
// Debian builds libxml2 with ICU, whose headers collide with the ones that Foundation brings along. Only a struct that is
// not used here differs.
#include <libxml/xmlversion.h>
#undef LIBXML_ICU_ENABLED
#include <libxml/HTMLparser.h>
#include <libxml/parser.h>
#include <libxml/tree.h>
