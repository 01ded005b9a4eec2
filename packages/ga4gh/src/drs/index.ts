/**
 * The door `./drs`: the Data Repository Service 1.5.
 */
export * from './documents.ts'
