/**
 * The addresses of our pages, as links and forms name them. `base`: what stands before every path, from the public URL. Pure.
 */
import { HOME } from '../auth/rules/return-to.ts'

export const ACCESS_PATH = '/app/access'
export const DEVICE_PATH = '/app/device'
export const LOGIN_PATH = '/app/login'
export const LOGOUT_PATH = '/app/logout'

/** What stands before every path of the broker: nothing, unless its public URL has a path. */
export function baseOf(publicUrl: string): string {
  return new URL(publicUrl).pathname.replace(/\/+$/, '')
}

export function loginLink(base: string, issuer: string, returnTo: string): string {
  return `${base}${LOGIN_PATH}?${new URLSearchParams({ issuer, ...(returnTo !== HOME && { return_to: returnTo }) })}`
}

/** The path of the page that asks about a device. */
export function devicePath(userCode: string): string {
  return userCode === '' ? DEVICE_PATH : `${DEVICE_PATH}?${new URLSearchParams({ user_code: userCode })}`
}
