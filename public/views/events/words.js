/** `front_door` as people read it. @param {string} text */
export function title(text) {
  return text.replaceAll('_', ' ').replace(/\p{L}+/gu, word => word.charAt(0).toUpperCase() + word.slice(1))
}
