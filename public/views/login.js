import { ApiError, api } from '../lib/api.js'
import { h } from '../lib/dom.js'
import { session } from '../lib/session.js'

/** The login page. */
export function login() {
  const username = h('input', { id: 'username', name: 'username', autocomplete: 'username', required: true })
  username.autocapitalize = 'none'
  username.spellcheck = false
  const password = h('input', {
    id: 'password',
    name: 'password',
    type: 'password',
    autocomplete: 'current-password',
    required: true,
  })
  const stay = h('input', { type: 'checkbox', name: 'stay', checked: true })
  const error = h('p', { id: 'login-error', class: 'form-error', role: 'alert' })
  const button = h('button', { type: 'submit', class: 'button button-primary button-wide' }, 'Sign in')

  /** @param {SubmitEvent} event */
  async function submit(event) {
    event.preventDefault()
    error.textContent = ''
    button.disabled = true
    button.textContent = 'Signing in…'
    try {
      const answer = await api('/api/auth/login', {
        method: 'POST',
        body: { username: username.value, password: password.value },
      })
      session.start(answer.token, answer.user, stay.checked)
    } catch (problem) {
      error.textContent = sentence(problem)
      password.select()
      password.focus()
    } finally {
      button.disabled = false
      button.textContent = 'Sign in'
    }
  }

  return h(
    'main',
    { class: 'login' },
    h(
      'form',
      { class: 'card login-card', onsubmit: submit, 'aria-describedby': 'login-error' },
      h('img', { src: '/icon.svg', alt: '', width: 48, height: 48 }),
      h('h1', null, 'Sign in'),
      h('p', { class: 'muted' }, 'to see your cameras'),
      h('div', { class: 'field' }, h('label', { htmlFor: 'username' }, 'Username'), username),
      h('div', { class: 'field' }, h('label', { htmlFor: 'password' }, 'Password'), password),
      h('label', { class: 'check' }, stay, 'Stay signed in on this device'),
      error,
      button,
    ),
  )
}

/** @param {unknown} problem */
function sentence(problem) {
  if (!(problem instanceof ApiError)) return 'Something went wrong. Please try again.'
  const left = problem.body.attempts_remaining
  if (problem.status !== 401) return problem.message
  if (typeof left !== 'number') return 'The username or the password is wrong.'
  return `The username or the password is wrong. ${left} ${left === 1 ? 'attempt is' : 'attempts are'} left.`
}
