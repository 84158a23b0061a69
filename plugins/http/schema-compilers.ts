import AjvCompiler from '@fastify/ajv-compiler'
import SerializerSelector from '@fastify/fast-json-stringify-compiler'
import type { FastifyServerOptions } from 'fastify'

type Compiled = ((data: unknown) => unknown) & { errors?: unknown }
type Factory = (schemas: unknown, options: unknown) => (route: unknown) => Compiled
type Factories = NonNullable<NonNullable<FastifyServerOptions['schemaController']>['compilersFactory']>

/** A factory whose compilers wait until what they make is called for the first time. */
function putOff(factory: Factory): Factory {
  return (schemas, options) => {
    const compile = factory(schemas, options)
    return route => {
      let compiled: Compiled | undefined
      const late: Compiled = data => {
        compiled ??= compile(route)
        const result = compiled(data)
        late.errors = compiled.errors
        return result
      }
      return late
    }
  }
}

/** A factory whose validators take no number beyond all numbers (`1e309`), which Ajv takes for one within any bounds. */
function finite(factory: Factory): Factory {
  return (schemas, options) => {
    const compile = factory(schemas, options)
    return route => {
      const compiled = compile(route)
      const validate: Compiled = data => {
        const result = compiled(data)
        validate.errors = compiled.errors
        if (result !== true || !holdsInfinity(data)) return result
        const message = 'must have finite numbers only'
        validate.errors = [{ instancePath: '', schemaPath: '', keyword: 'type', params: {}, message }]
        return false
      }
      return validate
    }
  }
}

function holdsInfinity(data: unknown): boolean {
  const left = [data]
  while (left.length > 0) {
    const value = left.pop()
    if (typeof value === 'number' && !Number.isFinite(value)) return true
    if (typeof value === 'object' && value !== null) for (const item of Object.values(value)) left.push(item)
  }
  return false
}

/**
 * Fastify's own compilers of schemas, put off: most routes of a running server are asked for never or rarely, and what
 * is compiled for each stays resident.
 */
export const lazyCompilers = {
  buildValidator: putOff(finite(AjvCompiler() as unknown as Factory)),
  buildSerializer: putOff(SerializerSelector() as unknown as Factory),
} as unknown as Factories
