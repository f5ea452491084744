#include "CPoppler.h"

#include <memory>
#include <new>
#include <string>

#include <poppler/cpp/poppler-document.h>
#include <poppler/cpp/poppler-global.h>
#include <poppler/cpp/poppler-page.h>

namespace {

std::string utf8(const poppler::ustring &text) {
    const poppler::byte_array bytes = text.to_utf8();
    return std::string(bytes.begin(), bytes.end());
}

void beSilent(const std::string &, void *) {}

// Words of a page come with boxes in the rotation that the page is shown in.
bool readPage(poppler::document &document, int index, const CPopplerReader &reader) {
    const std::unique_ptr<poppler::page> page(document.create_page(index));
    if (!page) {
        reader.beginPage(reader.context, 0, 0);
        return true;
    }
    const poppler::rectf rect = page->page_rect();
    reader.beginPage(reader.context, rect.width(), rect.height());
    for (const poppler::text_box &box : page->text_list(poppler::page::text_list_include_font)) {
        const std::string text = utf8(box.text());
        const poppler::rectf place = box.bbox();
        CPopplerWord word;
        word.text = text.c_str();
        word.left = place.left();
        word.top = place.top();
        word.right = place.right();
        word.bottom = place.bottom();
        word.fontSize = box.has_font_info() ? box.get_font_size() : 0;
        word.hasSpaceAfter = box.has_space_after();
        if (!reader.word(reader.context, &word)) return false;
    }
    return true;
}

}  // namespace

extern "C" CPopplerOutcome cpoppler_read(const char *bytes, int byteCount, int pageCountMax, int *pageCount,
                                         const CPopplerReader *reader) {
    try {
        poppler::set_debug_error_function(beSilent, nullptr);
        const std::unique_ptr<poppler::document> document(
            poppler::document::load_from_raw_data(bytes, byteCount));
        if (!document) return CPopplerDamaged;
        if (document->is_locked()) return CPopplerLocked;
        *pageCount = document->pages();
        if (*pageCount > pageCountMax) return CPopplerTooManyPages;
        reader->describe(reader->context, *pageCount, utf8(document->info_key("Title")).c_str(),
                         utf8(document->info_key("Author")).c_str(),
                         utf8(document->info_key("CreationDate")).c_str());
        for (int index = 0; index < *pageCount; ++index) {
            if (!readPage(*document, index, *reader)) return CPopplerStopped;
        }
        return CPopplerRead;
    } catch (const std::bad_alloc &) {
        return CPopplerOutOfMemory;
    } catch (...) {
        return CPopplerDamaged;
    }
}
