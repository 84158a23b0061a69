/* A Node-API addon: takes pages of programs and libraries out of resident memory. Why and when: file-pages.ts. */
#define _GNU_SOURCE
#define NAPI_VERSION 8
#include <link.h>
#include <node_api.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

struct range {
  uintptr_t start, end;
};

struct ranges {
  size_t count;
  struct range of[512];
};

/* Reads smaps (proc_pid_smaps(5)): mappings of files that nobody can write to and in which this process has no page of its own. */
static void find_clean(struct ranges *clean) {
  FILE *smaps = fopen("/proc/self/smaps", "re");
  if (smaps == NULL) return;
  char line[4608];
  struct range mapping = {0, 0};
  int clean_so_far = 0;
  while (fgets(line, sizeof line, smaps) != NULL) {
    unsigned long start, end, inode, kilobytes;
    char access[5];
    if (sscanf(line, "%lx-%lx %4s %*x %*x:%*x %lu", &start, &end, access, &inode) == 4) {
      mapping = (struct range){start, end};
      clean_so_far = inode != 0 && (strcmp(access, "r-xp") == 0 || strcmp(access, "r--p") == 0);
    } else if (sscanf(line, "Anonymous: %lu", &kilobytes) == 1 || sscanf(line, "Swap: %lu", &kilobytes) == 1) {
      clean_so_far = clean_so_far && kilobytes == 0;
    } else if (strncmp(line, "VmFlags:", 8) == 0 && clean_so_far) {
      if (clean->count < sizeof clean->of / sizeof clean->of[0]) clean->of[clean->count++] = mapping;
    }
  }
  fclose(smaps);
}

static int is_clean(const struct ranges *clean, uintptr_t start, uintptr_t end) {
  for (size_t i = 0; i < clean->count; i++)
    if (clean->of[i].start <= start && end <= clean->of[i].end) return 1;
  return 0;
}

/*
 * Read-only segments of a loaded object (elf(5)): the loader never puts anything of its own there, also while another thread
 * loads a library. That the mapping is a clean one is asked besides, as text that was moved to huge pages has no file.
 */
static int release_object(struct dl_phdr_info *object, size_t size, void *clean) {
  (void)size;
  const uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
  for (size_t i = 0; i < object->dlpi_phnum; i++) {
    const ElfW(Phdr) *segment = &object->dlpi_phdr[i];
    if (segment->p_type != PT_LOAD || (segment->p_flags & PF_W) != 0) continue;
    const uintptr_t first = object->dlpi_addr + segment->p_vaddr;
    const uintptr_t start = (first + page - 1) & ~(page - 1);
    const uintptr_t end = (first + segment->p_filesz) & ~(page - 1);
    if (start < end && is_clean(clean, start, end)) madvise((void *)start, end - start, MADV_DONTNEED);
  }
  return 0;
}

/* release(): void */
static napi_value release(napi_env env, napi_callback_info info) {
  (void)env, (void)info;
  static struct ranges clean;
  clean.count = 0;
  find_clean(&clean);
  dl_iterate_phdr(release_object, &clean);
  return NULL;
}

NAPI_MODULE_INIT() {
  napi_value function;
  if (napi_create_function(env, "release", NAPI_AUTO_LENGTH, release, NULL, &function) != napi_ok) return NULL;
  if (napi_set_named_property(env, exports, "release", function) != napi_ok) return NULL;
  return exports;
}
