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
export {
  type TesTaskBasic,
  type TesTaskByView,
  type TesTaskFull,
  TesView,
  toBasic,
  toMinimal,
  toView,
} from './views.ts'
