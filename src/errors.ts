/**
 * An error that a person may read: a stable `code`, one clear sentence, and the HTTP status that fits it.
 * Each area lists its own in `src/<area>/errors.ts`, one line per error.
 */
export class CodedError extends Error {
  readonly code: string
  readonly statusCode: number
  /** Extra members for the JSON body, e.g. `{disabled: true}`. */
  readonly details: Readonly<Record<string, unknown>>
  /** Seconds after which it makes sense to ask again (`Retry-After`). */
  readonly retryAfter: number | undefined

  constructor(
    code: string,
    message: string,
    statusCode: number,
    details: Record<string, unknown> = {},
    retryAfter?: number,
  ) {
    super(message)
    this.name = 'CodedError'
    this.code = code
    this.statusCode = statusCode
    this.details = details
    this.retryAfter = retryAfter
  }
}

/** Declares one error of an area; `%s` in the sentence is filled in order by the arguments of the constructor. */
export function defineError(code: string, sentence: string, statusCode = 500, retryAfter?: number) {
  return class extends CodedError {
    static readonly code = code
    constructor(...values: readonly (string | number)[]) {
      let next = 0
      super(
        code,
        sentence.replaceAll('%s', () => String(values[next++] ?? '')),
        statusCode,
        {},
        retryAfter,
      )
      this.name = code
    }
  }
}
