import type { Finding } from '../../cluster.ts';
import type { ImageChoices } from '../images/choices.ts';

export interface KindDoctorRequest {
  readonly socketPath: string;
  /** What `kind version` says, or why it could not be asked. */
  readonly kindVersion: () => Promise<string>;
  readonly choices: ImageChoices;
  readonly signal: AbortSignal;
}

/** What this machine lacks for kind labs, with the remedy, and how many it can hold. Changes nothing. */
export async function kindDoctor(request: KindDoctorRequest): Promise<readonly Finding[]> {
  throw new Error(`not built yet: ${request.socketPath}`);
}
