/**
 * Of every answer that is no page: opened as an address of its own, it is what it is called, and runs no script. `allow-same-origin` gives nothing to
 * what has no script; without it browsers play no clip that is opened so.
 */
export const DATA_HEADERS: Readonly<Record<string, string>> = {
  'x-content-type-options': 'nosniff',
  'content-security-policy': 'sandbox allow-same-origin',
}
