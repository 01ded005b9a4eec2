import { openTemporary } from './contract/temporary.ts'
import { describeStore } from './store.contract.ts'

describeStore('SQLite', async () => (await openTemporary()).store)
