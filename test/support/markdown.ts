/** A fenced block of a Markdown document. */
interface FencedBlock {
  /** The word after the fence: `sh`, `console`, `ts`, ... */
  readonly language: string;
  readonly text: string;
}

/** The fenced blocks of a document, in order. */
export function fencedBlocks(markdown: string): FencedBlock[] {
  return [...markdown.matchAll(/^```(\w+)\n(.*?)^```$/gms)].map(([, language = '', text = '']) => ({
    language,
    text,
  }));
}

/** One command of a `console` block with the lines that it prints. `prompt` says where it is typed. */
export interface ConsoleStep {
  readonly prompt: '$' | '>';
  readonly command: string;
  readonly output: readonly string[];
}

/** Reads a `console` block: lines that begin with a prompt are typed, the lines below each are its output. */
export function consoleSteps(text: string): ConsoleStep[] {
  const steps: { prompt: '$' | '>'; command: string; output: string[] }[] = [];
  for (const line of text.trimEnd().split('\n')) {
    const [, prompt, command = ''] = /^([$>]) (.*)$/.exec(line) ?? [];
    if (prompt === '$' || prompt === '>') {
      steps.push({ prompt, command, output: [] });
    } else {
      steps.at(-1)?.output.push(line);
    }
  }
  return steps;
}
