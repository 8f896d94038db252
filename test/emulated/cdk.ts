import { createRequire } from 'node:module';
import { devNull } from 'node:os';
import { join } from 'node:path';
import type { Configuration } from '../../infra/configuration.ts';
import { withoutAws } from '../../infra/local/environment.ts';
import { PROJECT_FOLDER } from '../../infra/local/folders.ts';
import { ACCOUNT, ROOT } from './aws.ts';
import type { Emulator } from './emulator.ts';
import { runProgram } from './program.ts';

/** Longest that one command may take. A deployment takes ten seconds on two cores. */
const TIMEOUT_MS = 300_000;

/** The CDK's own command, of the release that the project pins. */
const COMMAND = createRequire(import.meta.url).resolve('aws-cdk/bin/cdk');

/** The CDK's command, with the emulator for AWS. */
export class Cdk {
  /** Where the templates are, with everything that belongs to them. */
  readonly assembly: string;
  readonly #emulator: Emulator;
  readonly #outputs: string;
  readonly #environment: NodeJS.ProcessEnv;
  readonly #signal: AbortSignal;

  constructor(emulator: Emulator, signal: AbortSignal) {
    const { url, folder } = emulator;
    this.#emulator = emulator;
    this.assembly = join(folder, 'assembly');
    this.#outputs = join(folder, 'cdk-outputs.json');
    this.#environment = environmentOf(url, folder);
    this.#signal = signal;
  }

  /** Synthesizes the app of infra/app.ts, as `npm run synth` does, with these members of its configuration. */
  async synth(configuration: Partial<Record<keyof Configuration, unknown>>): Promise<void> {
    await this.#run('synth', '--quiet', '--output', this.assembly, ...contextOf(configuration));
  }

  async bootstrap(regions: readonly string[]): Promise<void> {
    const environments = regions.map((region) => `aws://${ACCOUNT}/${region}`);
    // Without an assembly the command would synthesize the app once more.
    await this.#run('bootstrap', '--app', this.assembly, ...environments);
  }

  /** Deploys every stack, and returns the file with their outputs and what the command printed. */
  async deploy(): Promise<{ readonly outputsFile: string; readonly output: string }> {
    const output = await this.#run(
      ...['deploy', '--app', this.assembly, '--all', '--require-approval', 'never'],
      ...['--outputs-file', this.#outputs],
    );
    return { outputsFile: this.#outputs, output };
  }

  /** Runs `npm run deploy`, which checks what is deployed before it starts the CDK's command. */
  async checkAndDeploy(configuration: Parameters<Cdk['synth']>[0]): Promise<void> {
    await this.#node('--import', 'tsx', 'infra/tools/deploy/main.ts', ...contextOf(configuration));
  }

  async destroy(): Promise<void> {
    await this.#run('destroy', '--app', this.assembly, '--all', '--force');
  }

  #run(...words: readonly string[]): Promise<string> {
    return this.#node(COMMAND, ...words);
  }

  #node(...words: readonly string[]): Promise<string> {
    return runProgram([process.execPath, ...words], {
      environment: this.#environment,
      folder: PROJECT_FOLDER,
      timeoutMs: TIMEOUT_MS,
      signal: this.#signal,
      guard: (group) => this.#emulator.guard(group),
    });
  }
}

function contextOf(configuration: Parameters<Cdk['synth']>[0]): readonly string[] {
  return Object.entries(configuration).flatMap(([name, value]) => [
    '-c',
    `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
  ]);
}

/** Nothing of the user's AWS settings may get through: this deployment must not reach a real account. */
function environmentOf(url: string, folder: string): NodeJS.ProcessEnv {
  return {
    ...withoutProxies(withoutAws(process.env)),
    AWS_ENDPOINT_URL: url,
    AWS_ACCESS_KEY_ID: ROOT.accessKeyId,
    AWS_SECRET_ACCESS_KEY: ROOT.secretAccessKey,
    AWS_REGION: 'us-east-1',
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_CONFIG_FILE: devNull,
    AWS_SHARED_CREDENTIALS_FILE: devNull,
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
    // The command remembers which account a key belongs to, and must not remember this one.
    CDK_HOME: join(folder, 'cdk'),
    CDK_DISABLE_CLI_TELEMETRY: 'true',
    CI: 'true',
  };
}

function withoutProxies(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(environment).filter(([name]) => !/^(https?|all)_proxy$/i.test(name)),
  );
}
