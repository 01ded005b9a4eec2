import { openTemporary } from './contract/temporary.ts'
import { describeLoginStore } from './login-store.contract.ts'

describeLoginStore('SQLite, logins', async () => (await openTemporary()).store)
