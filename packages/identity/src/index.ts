export { isPinned, type PinnedAuthority, pinAuthorities } from './authorities.ts'
export { type Entitlement, type ParsedEntitlement, parseEntitlement } from './entitlement.ts'
export { formatPerson, isSamePerson, type ParsedPerson, type Person, parsePerson } from './person.ts'
export { type Matching, satisfies } from './satisfies.ts'
