/* A library to be loaded before carrel (LD_PRELOAD), below SQLite and everything else that changes files.
 *
 * It counts the operations that change something under one folder, and at numbers of the driver's choice kills the
 * process or lets operations fail. It journals every one with its bytes, so that script/crash/disk.py can tell what a
 * power cut would have left. Nothing is really synced: a kill leaves the page cache, and what a power cut leaves is
 * told by the journal alone.
 *
 *   CARREL_SHIM_ROOT     the folder, an absolute path without links
 *   CARREL_SHIM_CONTROL  a file of sizeof(struct control) bytes, shared by the driver and all processes
 *   CARREL_SHIM_JOURNAL  where records are appended
 *
 * A record: struct record, then `path_length` bytes, `target_length` bytes and `data_length` bytes. All integers are the
 * machine's own. SQLite's -shm files are left alone: they are a cache that the first process to open the database makes
 * anew. A file is never opened here: closing it would drop the process's locks on it.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

struct control {
    _Atomic uint64_t count;    /* operations so far, of all processes */
    uint64_t kill_at;          /* the number of the operation that is the last one; 0: none */
    uint64_t kill_how;         /* 0: before it, 1: a write is half done, 2: after it */
    uint64_t fail_from;        /* operations of these numbers fail; 0: none */
    uint64_t fail_until;       /* exclusive */
    uint64_t fail_errno;       /* ENOSPC or EIO */
    uint64_t fail_short;       /* 1: a write that fails has written half of its bytes */
    uint64_t fault;            /* a broken build: 1: syncs do nothing, 2: each is done LATE syncs later: answers overtake the disk */
};

enum kind { CREATE = 1, MAKE_DIRECTORY, WRITE, TRUNCATE, SYNC_FILE, SYNC_DIRECTORY, RENAME, REMOVE, LINK, SYNC_FAILED };

struct record {
    uint32_t kind, path_length, target_length, reserved;
    uint64_t inode, offset, data_length;
};

#define DESCRIPTORS 65536
#define PATH_BYTES 4096

static struct descriptor { uint64_t inode; bool is_directory; char *path; } descriptors[DESCRIPTORS];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct control *control;
static const char *root;
static size_t root_length;
static int journal = -1;

/* Of fault 2: the last syncs that were asked for, a ring. */
#define LATE 12
static struct { struct record record; char path[PATH_BYTES]; } late[LATE];
static size_t late_next;

static void die(const char *what, const char *path) {
    fprintf(stderr, "crash shim: %s: %s\n", what, path);
    abort();
}

__attribute__((constructor)) static void begin(void) {
    const char *control_path = getenv("CARREL_SHIM_CONTROL"), *journal_path = getenv("CARREL_SHIM_JOURNAL");
    const char *named = getenv("CARREL_SHIM_ROOT");
    if (!control_path || !journal_path || !named) return;
    int file = (int)syscall(SYS_openat, AT_FDCWD, control_path, O_RDWR | O_CLOEXEC);
    if (file < 0) die("no control file", control_path);
    control = mmap(NULL, sizeof *control, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    if (control == MAP_FAILED) die("control file not mapped", control_path);
    syscall(SYS_close, file);
    journal = (int)syscall(SYS_openat, AT_FDCWD, journal_path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644);
    if (journal < 0) die("no journal", journal_path);
    root_length = strlen(named);
    root = named;
}

/* The path without doubled slashes and dots, if it is one to be watched. */
static bool watched(int directory, const char *given, char *path) {
    if (!root || !given) return false;
    char joined[2 * PATH_BYTES];
    if (given[0] == '/') {
        snprintf(joined, sizeof joined, "%s", given);
    } else {
        char base[PATH_BYTES], name[64];
        snprintf(name, sizeof name, directory == AT_FDCWD ? "/proc/self/cwd" : "/proc/self/fd/%d", directory);
        ssize_t length = readlink(name, base, sizeof base - 1);
        if (length < 0) return false;
        base[length] = 0;
        snprintf(joined, sizeof joined, "%s/%s", base, given);
    }
    size_t length = 0;
    for (const char *at = joined; *at && length < PATH_BYTES - 1; at++) {
        if (at[0] == '/' && (at[1] == '/' || at[1] == 0)) continue;
        if (at[0] == '/' && at[1] == '.' && (at[2] == '/' || at[2] == 0)) { at++; continue; }
        path[length++] = *at;
    }
    path[length] = 0;
    if (strncmp(path, root, root_length) || (path[root_length] != '/' && path[root_length])) return false;
    return length < 4 || strcmp(path + length - 4, "-shm");
}

/* NULL unless the descriptor is of a watched file; one that was closed behind our back (closedir) is not. */
static struct descriptor *of(int number) {
    struct stat status;
    if (!root || number < 0 || number >= DESCRIPTORS || !descriptors[number].path) return NULL;
    if (syscall(SYS_fstat, number, &status) || status.st_ino != descriptors[number].inode) return NULL;
    return &descriptors[number];
}

static void append(struct record record, const char *path, const char *target, const void *data) {
    record.path_length = path ? (uint32_t)strlen(path) : 0;
    record.target_length = target ? (uint32_t)strlen(target) : 0;
    struct iovec parts[4] = {
        { &record, sizeof record }, { (void *)path, record.path_length }, { (void *)target, record.target_length },
        { (void *)data, record.data_length } };
    size_t length = sizeof record + record.path_length + record.target_length + record.data_length;
    if (syscall(SYS_writev, journal, parts, 4) != (ssize_t)length) die("journal not written", "");
}

static void sync_record(enum kind kind, const struct descriptor *file) {
    struct record record = { .kind = kind, .inode = file->inode };
    if (control->fault == 1) return;
    if (control->fault != 2) { append(record, file->path, NULL, NULL); return; }
    size_t place = late_next++ % LATE;
    if (late[place].record.kind) append(late[place].record, late[place].path, NULL, NULL);
    late[place].record = record;
    snprintf(late[place].path, sizeof late[place].path, "%s", file->path);
}

enum fate { GO, FAIL, KILL_BEFORE, KILL_HALF, KILL_AFTER };

/* The next operation's fate; the lock is held from here to `end`. */
static enum fate start(void) {
    pthread_mutex_lock(&lock);
    uint64_t number = atomic_fetch_add(&control->count, 1) + 1;
    if (number == control->kill_at)
        return control->kill_how == 0 ? KILL_BEFORE : control->kill_how == 1 ? KILL_HALF : KILL_AFTER;
    return control->fail_from && number >= control->fail_from && number < control->fail_until ? FAIL : GO;
}

static void kill_now(void) {
    kill(getpid(), SIGKILL);
    for (;;) pause();
}

static void end(enum fate fate) {
    if (fate == KILL_AFTER || fate == KILL_HALF) kill_now();
    int kept = errno;
    pthread_mutex_unlock(&lock);
    errno = kept;
}

/* False if the operation is not to be done; errno is set then. A full disk takes what needs no room. */
static bool may(enum fate fate, bool needs_room) {
    if (fate == KILL_BEFORE) kill_now();
    if (fate != FAIL || (control->fail_errno == ENOSPC && !needs_room)) return true;
    errno = (int)control->fail_errno;
    return false;
}

static void remember(int number, const char *path) {
    struct stat status;
    if (number < 0) return;
    if (number >= DESCRIPTORS || syscall(SYS_fstat, number, &status)) die("descriptor out of bounds", path);
    struct descriptor *file = &descriptors[number];
    free(file->path);
    *file = (struct descriptor){ status.st_ino, S_ISDIR(status.st_mode), strdup(path) };
}

static int open_watched(int directory, const char *given, int flags, mode_t mode, const char *path) {
    struct stat status;
    bool creates = flags & O_CREAT && syscall(SYS_newfstatat, directory, given, &status, 0);
    if (!creates && !(flags & O_TRUNC)) {
        int number = (int)syscall(SYS_openat, directory, given, flags, mode);
        int kept = errno;
        pthread_mutex_lock(&lock);
        remember(number, path);
        pthread_mutex_unlock(&lock);
        errno = kept;
        return number;
    }
    enum fate fate = start();
    int number = may(fate, true) ? (int)syscall(SYS_openat, directory, given, flags, mode) : -1;
    if (number >= 0) {
        remember(number, path);
        struct record record = { .kind = creates ? CREATE : TRUNCATE, .inode = descriptors[number].inode };
        append(record, path, NULL, NULL);
    }
    end(fate);
    return number;
}

static int open_any(int directory, const char *given, int flags, mode_t mode) {
    char path[PATH_BYTES];
    if (watched(directory, given, path)) return open_watched(directory, given, flags, mode, path);
    return (int)syscall(SYS_openat, directory, given, flags, mode);
}

#define MODE(flags, last) ({ \
    mode_t mode = 0; \
    if ((flags) & (O_CREAT | O_TMPFILE)) { va_list rest; va_start(rest, last); mode = va_arg(rest, mode_t); va_end(rest); } \
    mode; })

int open(const char *path, int flags, ...) { return open_any(AT_FDCWD, path, flags, MODE(flags, flags)); }
int open64(const char *path, int flags, ...) { return open_any(AT_FDCWD, path, flags, MODE(flags, flags)); }
int openat(int d, const char *path, int flags, ...) { return open_any(d, path, flags, MODE(flags, flags)); }
int openat64(int d, const char *path, int flags, ...) { return open_any(d, path, flags, MODE(flags, flags)); }
int creat(const char *path, mode_t mode) { return open_any(AT_FDCWD, path, O_CREAT | O_WRONLY | O_TRUNC, mode); }

int close(int number) {
    if (of(number)) {
        pthread_mutex_lock(&lock);
        free(descriptors[number].path);
        descriptors[number] = (struct descriptor){ 0 };
        pthread_mutex_unlock(&lock);
    }
    return (int)syscall(SYS_close, number);
}

/* offset -1: where the file stands. */
static ssize_t write_watched(const struct descriptor *file, int number, const void *bytes, size_t count, off_t offset) {
    enum fate fate = start();
    bool goes = may(fate, true);
    size_t wanted = fate == KILL_HALF || (!goes && control->fail_short) ? count / 2 : goes ? count : 0;
    ssize_t written = wanted ? (offset < 0 ? syscall(SYS_write, number, bytes, wanted)
                                           : syscall(SYS_pwrite64, number, bytes, wanted, offset))
                             : (goes ? 0 : -1);
    if (written > 0) {
        off_t place = offset < 0 ? syscall(SYS_lseek, number, 0, SEEK_CUR) - written : offset;
        struct record record = { .kind = WRITE, .inode = file->inode, .offset = place, .data_length = written };
        append(record, NULL, NULL, bytes);
    }
    end(fate);
    return written;
}

ssize_t write(int number, const void *bytes, size_t count) {
    struct descriptor *file = of(number);
    return file ? write_watched(file, number, bytes, count, -1) : syscall(SYS_write, number, bytes, count);
}

ssize_t pwrite64(int number, const void *bytes, size_t count, off64_t offset) {
    struct descriptor *file = of(number);
    return file ? write_watched(file, number, bytes, count, offset)
                : syscall(SYS_pwrite64, number, bytes, count, offset);
}

ssize_t pwrite(int number, const void *bytes, size_t count, off_t offset) {
    return pwrite64(number, bytes, count, offset);
}

/* A caller of writev has to be ready for less than all. */
ssize_t writev(int number, const struct iovec *parts, int count) {
    struct descriptor *file = of(number);
    if (!file) return syscall(SYS_writev, number, parts, count);
    return count ? write_watched(file, number, parts[0].iov_base, parts[0].iov_len, -1) : 0;
}

ssize_t pwritev64(int number, const struct iovec *parts, int count, off64_t offset) {
    struct descriptor *file = of(number);
    if (!file) return syscall(SYS_pwritev, number, parts, count, offset, 0);
    return count ? write_watched(file, number, parts[0].iov_base, parts[0].iov_len, offset) : 0;
}

ssize_t pwritev(int number, const struct iovec *parts, int count, off_t offset) {
    return pwritev64(number, parts, count, offset);
}

int ftruncate64(int number, off64_t length) {
    struct descriptor *file = of(number);
    if (!file) return (int)syscall(SYS_ftruncate, number, length);
    enum fate fate = start();
    int result = may(fate, false) ? (int)syscall(SYS_ftruncate, number, length) : -1;
    struct record record = { .kind = TRUNCATE, .inode = file->inode, .offset = length };
    if (!result) append(record, NULL, NULL, NULL);
    end(fate);
    return result;
}

int ftruncate(int number, off_t length) { return ftruncate64(number, length); }

int fsync(int number) {
    struct descriptor *file = of(number);
    if (!file) return (int)syscall(SYS_fsync, number);
    enum fate fate = start();
    bool goes = may(fate, true);
    struct record failed = { .kind = SYNC_FAILED, .inode = file->inode };
    if (goes && fate != KILL_HALF) sync_record(file->is_directory ? SYNC_DIRECTORY : SYNC_FILE, file);
    if (!goes && !file->is_directory) append(failed, file->path, NULL, NULL);
    end(fate);
    return goes ? 0 : -1;
}

int fdatasync(int number) { return fsync(number); }

/* A change of names: `call` is the system's, with what it needs. */
static int change(enum kind kind, const char *path, const char *target, bool needs_room, long call, int from,
                  const char *name, int to, const char *other, int flags) {
    enum fate fate = start();
    int result = !may(fate, needs_room) ? -1
        : kind == RENAME ? (int)syscall(call, from, name, to, other, flags)
        : kind == LINK ? (int)syscall(call, from, name, to, other, flags)
        : (int)syscall(call, from, name, flags);
    struct record record = { .kind = kind };
    if (!result) append(record, path, target, NULL);
    end(fate);
    return result;
}

int renameat2(int from, const char *name, int to, const char *other, unsigned flags) {
    char path[PATH_BYTES], target[PATH_BYTES];
    bool is_watched = watched(from, name, path);
    if (watched(to, other, target) != is_watched) die("renamed into or out of the folder", name);
    if (!is_watched) return (int)syscall(SYS_renameat2, from, name, to, other, flags);
    return change(RENAME, path, target, true, SYS_renameat2, from, name, to, other, (int)flags);
}

int renameat(int from, const char *name, int to, const char *other) { return renameat2(from, name, to, other, 0); }
int rename(const char *name, const char *other) { return renameat2(AT_FDCWD, name, AT_FDCWD, other, 0); }

int unlinkat(int directory, const char *name, int flags) {
    char path[PATH_BYTES];
    if (!watched(directory, name, path)) return (int)syscall(SYS_unlinkat, directory, name, flags);
    return change(REMOVE, path, NULL, false, SYS_unlinkat, directory, name, 0, NULL, flags);
}

int unlink(const char *name) { return unlinkat(AT_FDCWD, name, 0); }
int rmdir(const char *name) { return unlinkat(AT_FDCWD, name, AT_REMOVEDIR); }

int remove(const char *name) {
    int result = unlink(name);
    return result && errno == EISDIR ? rmdir(name) : result;
}

int linkat(int from, const char *name, int to, const char *other, int flags) {
    char path[PATH_BYTES], target[PATH_BYTES];
    bool is_watched = watched(from, name, path);
    if (watched(to, other, target) != is_watched) die("linked into or out of the folder", name);
    if (!is_watched) return (int)syscall(SYS_linkat, from, name, to, other, flags);
    return change(LINK, path, target, true, SYS_linkat, from, name, to, other, flags);
}

int link(const char *name, const char *other) { return linkat(AT_FDCWD, name, AT_FDCWD, other, 0); }

int mkdirat(int directory, const char *name, mode_t mode) {
    char path[PATH_BYTES];
    if (!watched(directory, name, path)) return (int)syscall(SYS_mkdirat, directory, name, mode);
    return change(MAKE_DIRECTORY, path, NULL, true, SYS_mkdirat, directory, name, 0, NULL, (int)mode);
}

int mkdir(const char *name, mode_t mode) { return mkdirat(AT_FDCWD, name, mode); }

/* Ways of changing a file that Carrel does not use: a program that began to would not be tested. */
void *mmap64(void *address, size_t length, int protection, int flags, int number, off64_t offset) {
    struct descriptor *file = of(number);
    if (file && flags & MAP_SHARED && protection & PROT_WRITE) die("written through a mapping", file->path);
    return (void *)syscall(SYS_mmap, address, length, protection, flags, number, offset);
}

void *mmap(void *address, size_t length, int protection, int flags, int number, off_t offset) {
    return mmap64(address, length, protection, flags, number, offset);
}

int fallocate64(int number, int mode, off64_t offset, off64_t length) {
    if (of(number)) die("fallocate", of(number)->path);
    return (int)syscall(SYS_fallocate, number, mode, offset, length);
}

int fallocate(int number, int mode, off_t offset, off_t length) { return fallocate64(number, mode, offset, length); }
int posix_fallocate64(int number, off64_t offset, off64_t length) {
    return fallocate64(number, 0, offset, length) ? errno : 0;
}
int posix_fallocate(int number, off_t offset, off_t length) { return posix_fallocate64(number, offset, length); }

ssize_t copy_file_range(int from, off64_t *start, int to, off64_t *target, size_t length, unsigned flags) {
    if (of(to)) die("copy_file_range", of(to)->path);
    return syscall(SYS_copy_file_range, from, start, to, target, length, flags);
}
