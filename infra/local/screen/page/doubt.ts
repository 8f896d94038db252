import type { CallRow, PanelAnswer } from './state.ts';

/** Answers that say what became of the call that a key belongs to. */
const CONCLUSIVE: ReadonlySet<PanelAnswer['kind']> = new Set(['balance', 'cancelled', 'refused']);

/** Whether the calls with a key left it in doubt what became of it: never, still, or until one of them told. */
export function doubtOf(calls: readonly CallRow[], key: string): 'none' | 'open' | 'over' {
  const answers = calls.flatMap(({ call, ended }) => (call.key === key && ended ? [ended.answer] : []));
  if (!answers.some((answer) => answer.kind === 'unanswered' && answer.code === 'outcome_unknown')) {
    return 'none';
  }
  return answers.some(({ kind }) => CONCLUSIVE.has(kind)) ? 'over' : 'open';
}
