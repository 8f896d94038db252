import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A folder of configuration files for AWS's credentials chain. */
export class CredentialFiles implements Disposable {
  readonly folder = mkdtempSync(join(tmpdir(), 'bank-credentials-'));
  /** An environment in which the chain finds nothing, whatever this machine has. */
  readonly nothing: NodeJS.ProcessEnv = {
    AWS_CONFIG_FILE: this.write('no-config', ''),
    AWS_SHARED_CREDENTIALS_FILE: this.write('no-credentials', ''),
    AWS_EC2_METADATA_DISABLED: 'true',
  };

  write(name: string, text: string): string {
    const path = join(this.folder, name);
    writeFileSync(path, text);
    return path;
  }

  /** An environment with a profile that holds credentials. */
  profile(): NodeJS.ProcessEnv {
    const text =
      '[drills]\naws_access_key_id = AKIDPROFILE\naws_secret_access_key = secret\naws_session_token = token\n';
    return {
      ...this.nothing,
      AWS_SHARED_CREDENTIALS_FILE: this.write('profiles', text),
      AWS_PROFILE: 'drills',
    };
  }

  /** An environment whose credentials come from a program, and how often that has run. */
  process(expiration: string): { readonly environment: NodeJS.ProcessEnv; readonly runs: () => number } {
    const log = this.write('runs', '');
    const answer = {
      Version: 1,
      AccessKeyId: 'AKIDPROCESS',
      SecretAccessKey: 'secret',
      SessionToken: 'token',
      Expiration: expiration,
    };
    const program = this.write('program.sh', `echo run >> ${log}\necho '${JSON.stringify(answer)}'\n`);
    return {
      environment: this.processOf(`sh ${program}`),
      runs: () => readFileSync(log, 'utf8').split('\n').length - 1,
    };
  }

  /** An environment whose credentials come from this command. */
  processOf(command: string): NodeJS.ProcessEnv {
    const config = this.write('config', `[default]\ncredential_process = ${command}\n`);
    return { ...this.nothing, AWS_CONFIG_FILE: config, PATH: process.env['PATH'] };
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true });
  }
}
