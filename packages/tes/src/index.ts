export { checkTask, DEFAULT_LIMITS, type TaskLimits } from './check-task.ts'
export { countBytes, hasWildcard } from './check-value.ts'
export { defineTask, type TaskDefinition } from './define-task.ts'
export { dropNulls } from './drop-nulls.ts'
export { formatPath, type ParsedTask, parseTask } from './parse-task.ts'
export {
  ReadExecutorLog,
  type ReadList,
  ReadMinimal,
  ReadOutputFileLog,
  ReadServiceInfo,
  ReadTask,
  ReadTaskLog,
  readCreated,
  readMinimal,
  readServiceInfo,
  readTask,
  readTaskList,
} from './read-task.ts'
export { TesServiceInfo, TesServiceType } from './service-info.ts'
export { isTerminal, TERMINAL_STATES, type TerminalState, TesState } from './state.ts'
export {
  TesCancelTaskResponse,
  TesCreateTaskResponse,
  TesExecutor,
  TesExecutorLog,
  TesFileType,
  TesInput,
  TesListTasksResponse,
  TesOutput,
  TesOutputFileLog,
  TesResources,
  TesTask,
  TesTaskLog,
  TesTaskMinimal,
} from './task.ts'
export { unknownKeys } from './unknown-keys.ts'
export {
  type TesTaskBasic,
  type TesTaskByView,
  type TesTaskFull,
  TesView,
  toBasic,
  toMinimal,
  toView,
} from './views.ts'
