/**
 * Who is signed in on this browser. The token is kept for the tab, or beyond it when the person asked to stay
 * signed in. `signed-in` and `signed-out` tell the page to change.
 *
 * @typedef {{id: number, username: string, is_admin: boolean, is_active: boolean}} User
 */

const TOKEN = 'token'
const USER = 'user'

class Session extends EventTarget {
  /** @returns {string | null} */
  get token() {
    return sessionStorage.getItem(TOKEN) ?? localStorage.getItem(TOKEN)
  }

  /** @returns {User | null} */
  get user() {
    const stored = sessionStorage.getItem(USER) ?? localStorage.getItem(USER)
    try {
      return stored === null ? null : JSON.parse(stored)
    } catch {
      return null
    }
  }

  /**
   * @param {string} token
   * @param {User} user
   * @param {boolean} stay
   */
  start(token, user, stay) {
    this.#forget()
    const storage = stay ? localStorage : sessionStorage
    storage.setItem(TOKEN, token)
    storage.setItem(USER, JSON.stringify(user))
    this.dispatchEvent(new Event('signed-in'))
  }

  /** @param {Partial<User>} changes */
  update(changes) {
    const storage = sessionStorage.getItem(TOKEN) === null ? localStorage : sessionStorage
    storage.setItem(USER, JSON.stringify({ ...this.user, ...changes }))
  }

  end() {
    if (this.token === null) return
    this.#forget()
    this.dispatchEvent(new Event('signed-out'))
  }

  #forget() {
    for (const storage of [sessionStorage, localStorage]) {
      storage.removeItem(TOKEN)
      storage.removeItem(USER)
    }
  }
}

export const session = new Session()
