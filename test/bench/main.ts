import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { arch, availableParallelism, cpus, loadavg, platform, release, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { Argument } from 'commander';
import { PROJECT_FOLDER } from '../../infra/local/folders.ts';
import { Supervisor } from '../../infra/local/supervisor.ts';
import { interruption, parse, program, run, showProgress, textOption } from '../../infra/tools/program.ts';
import { coldStart } from './cold-start.ts';
import { counts } from './counts.ts';
import { cpu } from './cpu.ts';
import { growth } from './growth.ts';
import { interrupted } from './interrupted.ts';
import { lostRegion } from './lost-region.ts';
import type { Answer, Question, Site } from './question.ts';
import { formatAnswer } from './report.ts';
import { localBank, throughput } from './throughput.ts';
import { transfers } from './transfers.ts';

interface Options {
  readonly quick: boolean;
  readonly json?: string;
}

type Measure = (options: Options, site: Site) => Promise<Answer>;

/** In this order. What keeps DynamoDB Local busy with large tables comes last. */
const QUESTIONS: Readonly<Record<string, Measure>> = {
  counts: answer(counts),
  interrupted: answer(interrupted),
  throughput: answer(throughput),
  transfers: answer(transfers),
  cpu: answer(cpu),
  'cold-start': answer(coldStart),
  'local-bank': answer(localBank),
  'lost-region': answer(lostRegion),
  growth: answer(growth),
};

function answer<Plan>({ title, note, plans, measure }: Question<Plan>): Measure {
  return async ({ quick }, site) => {
    const [startedMs, loadBefore] = [performance.now(), loadavg()[0] ?? 0];
    const tables = await measure(quick ? plans.quick : plans.full, site);
    const tookSeconds = Math.round((performance.now() - startedMs) / 1000);
    return { title, note, loadBefore, tookSeconds, tables };
  };
}

const command = program(
  'npm run bench --',
  'Measures the bank beside what people would use instead, on this machine. Compare ratios, which are taken within a run; ' +
    'absolute times hold for this machine only. Leave the machine alone while it runs.',
)
  .addArgument(
    new Argument('[questions...]', 'what to measure (default: everything)').choices(Object.keys(QUESTIONS)),
  )
  .option('--quick', 'measure less: two minutes instead of twenty, and only large differences show', false)
  .addOption(textOption('--json <file>', 'write the figures as JSON', 'a file'));

await run(async () => {
  const options = parse<Options>(command, process.argv.slice(2));
  await measureAll(command.args, options);
  return 0;
});

async function measureAll(questions: readonly string[], options: Options): Promise<void> {
  const signal = interruption();
  const supervisor = await Supervisor.start({ dataFolder: null }, signal);
  const folder = await mkdtemp(join(tmpdir(), 'twinbank-bench-'));
  try {
    const source = describeSource(options.quick, supervisor.description);
    const { processor, cores, memoryGb, system, node, dynamodb } = source.machine;
    console.log(`Commit ${source.commit}${options.quick ? ', a quick run' : ''}`);
    console.log(`${processor}, ${cores} cores, ${memoryGb} GB, ${system}, Node ${node}, ${dynamodb}`);
    const answers: Record<string, Answer> = {};
    for (const [name, measure] of Object.entries(QUESTIONS)) {
      if (questions.length > 0 && !questions.includes(name)) {
        continue;
      }
      const onProgress = (text: string) => showProgress(`${name}: ${text}`);
      answers[name] = await measure(options, { endpoint: supervisor.endpoint, folder, onProgress, signal });
      showProgress('');
      console.log(formatAnswer(answers[name]));
      // After each answer, so that a run that fails later has not measured in vain.
      if (options.json !== undefined) {
        await writeFile(options.json, `${JSON.stringify({ ...source, answers }, undefined, 2)}\n`);
      }
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
    await supervisor.stop();
  }
}

/** Where the figures come from. */
function describeSource(isQuick: boolean, dynamodb: string) {
  const machine = {
    processor: cpus()[0]?.model ?? 'unknown processor',
    cores: availableParallelism(),
    memoryGb: Math.round(totalmem() / 2 ** 30),
    system: `${platform()} ${release()} ${arch()}`,
    node: process.version,
    dynamodb,
  };
  return { commit: commit(), quick: isQuick, machine };
}

/** The commit that is measured; `-dirty` when files were changed since. A copy without git has no commit. */
export function commit(): string {
  try {
    const args = ['describe', '--always', '--dirty', '--abbrev=7', '--exclude=*'];
    return execFileSync('git', args, { cwd: PROJECT_FOLDER, encoding: 'utf8' }).trim();
  } catch {
    return 'unknown';
  }
}
