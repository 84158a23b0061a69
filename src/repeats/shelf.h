/* What is answered when a request is repeated: whole replies by the name that the request ends with. */
#ifndef SHELF_H
#define SHELF_H
#include <node_api.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <uv.h>

/* As many pieces as one writev takes (IOV_MAX), less what the head is made of. */
enum { MOST_PIECES = 1000, HEAD_PIECES = 3 };

struct item {
  struct item *next;
  int32_t number;
  /* Counted as one of these. */
  uint32_t kind;
  size_t name_length, head_length;
  /* Owned by JavaScript, which may give their memory back at any moment: looked at anew each time. */
  uint32_t piece_count;
  napi_ref *pieces;
  /* The name, and behind it the head. */
  char text[];
};

struct shelf {
  struct item *items;
  double answered;
};

static void free_item(napi_env env, struct item *item) {
  for (uint32_t i = 0; i < item->piece_count; i++) napi_delete_reference(env, item->pieces[i]);
  free(item->pieces);
  free(item);
}

/* Takes what is shelved under a number off, or everything (-1). */
static void take_off(napi_env env, struct shelf *shelf, int32_t number) {
  for (struct item **at = &shelf->items; *at != NULL;) {
    struct item *item = *at;
    if (number != -1 && item->number != number) {
      at = &item->next;
      continue;
    }
    *at = item->next;
    free_item(env, item);
  }
}

static struct item *find_item(const struct shelf *shelf, const char *name, size_t length) {
  for (struct item *item = shelf->items; item != NULL; item = item->next)
    if (item->name_length == length && memcmp(item->text, name, length) == 0) return item;
  return NULL;
}

/* An item without its pieces; NULL if there is no memory for it. */
static struct item *new_item(int32_t number, uint32_t kind, size_t name_length, size_t head_length) {
  struct item *item = calloc(1, sizeof *item + name_length + head_length);
  if (item == NULL) return NULL;
  item->number = number;
  item->kind = kind;
  item->name_length = name_length;
  item->head_length = head_length;
  return item;
}

/* Refers to the typed arrays of an array. False where that cannot be done; the item is to be freed then. */
static int refer_to(napi_env env, struct item *item, napi_value pieces) {
  uint32_t count;
  if (napi_get_array_length(env, pieces, &count) != napi_ok || count > MOST_PIECES) return 0;
  item->pieces = calloc(count, sizeof *item->pieces);
  if (item->pieces == NULL) return 0;
  for (; item->piece_count < count; item->piece_count++) {
    napi_value piece;
    if (napi_get_element(env, pieces, item->piece_count, &piece) != napi_ok ||
        napi_create_reference(env, piece, 1, &item->pieces[item->piece_count]) != napi_ok)
      return 0;
  }
  return 1;
}

/* Where the pieces lie at this moment; 0 if the memory of one of them was given back. Needs a handle scope. */
static size_t locate(napi_env env, const struct item *item, uv_buf_t *at) {
  size_t bytes = 0;
  for (uint32_t i = 0; i < item->piece_count; i++) {
    napi_value piece;
    napi_typedarray_type type;
    size_t length = 0;
    void *data = NULL;
    if (napi_get_reference_value(env, item->pieces[i], &piece) != napi_ok || piece == NULL ||
        napi_get_typedarray_info(env, piece, &type, &length, &data, NULL, NULL) != napi_ok ||
        type != napi_uint8_array || length == 0)
      return 0;
    at[i] = uv_buf_init(data, (unsigned)length);
    bytes += length;
  }
  return bytes;
}
#endif
