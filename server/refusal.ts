import { LabError } from '../clusters/cluster.ts';

/** Why something that was asked for in good form is not done. */
export type RefusalReason =
  | 'malformed'
  | 'unauthenticated'
  | 'forbidden'
  | 'absent'
  | 'conflict'
  | 'full'
  | 'unavailable';

/** An expected failure that the HTTP edge answers with the status of its reason. */
export class Refusal extends LabError {
  readonly reason: RefusalReason;
  constructor(reason: RefusalReason, message: string, nextStep: string, options?: ErrorOptions) {
    super(message, nextStep, options);
    this.reason = reason;
  }
}
