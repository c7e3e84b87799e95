import type {
  ExemptPriorityLevelConfiguration,
  LimitedPriorityLevelConfiguration,
  LimitResponse,
  PriorityLevelConfiguration,
  PriorityLevelConfigurationSpec,
  QueuingConfiguration,
} from '../../../model/generated/objects.ts';
import { forbidden, invalid, notSupported, required, type Findings } from '../field-errors.ts';

const MOST_QUEUES = 10_000_000;
/** Bits of the hash that a hand is dealt from (apiserver/pkg/util/shufflesharding). */
const HASH_BITS = 60;

/** ValidatePriorityLevelConfiguration of pkg/apis/flowcontrol/validation; that `exempt` and `catch-all` stay as they are is not asked. */
export function validatePriorityLevel({ metadata, spec }: PriorityLevelConfiguration, found: Findings): void {
  const { type = '', limited, exempt } = (spec ?? {}) as Partial<PriorityLevelConfigurationSpec>;
  if ((metadata.name === 'exempt') !== (type === 'Exempt')) {
    found.push(invalid('spec.type', type, "must be 'Exempt' if and only if `name` is 'exempt'"));
  }
  if (type === 'Exempt') {
    if (limited) found.push(forbidden('spec.limited', 'must be nil if the type is not Limited'));
    if (exempt) validateShares(exempt, 'spec.exempt', found);
  } else if (type === 'Limited') {
    if (exempt) found.push(forbidden('spec.exempt', 'must be nil if the type is Limited'));
    if (limited) validateLimited(limited, found);
    else found.push(required('spec.limited', 'must not be empty when type is Limited'));
  } else if (type === '') found.push(required('spec.type'));
  else found.push(notSupported('spec.type', type, ['Exempt', 'Limited']));
}

function validateLimited(limited: LimitedPriorityLevelConfiguration, found: Findings): void {
  const at = 'spec.limited';
  const { nominalConcurrencyShares: shares = 0, lendablePercent, borrowingLimitPercent: borrowed } = limited;
  if (shares < 0) {
    found.push(invalid(`${at}.nominalConcurrencyShares`, shares, 'must be a non-negative integer'));
  }
  validateResponse(limited.limitResponse ?? {}, `${at}.limitResponse`, found);
  validatePercent(lendablePercent, `${at}.lendablePercent`, found);
  if (borrowed !== undefined && borrowed < 0) {
    found.push(invalid(`${at}.borrowingLimitPercent`, borrowed, 'if specified, must be a non-negative integer'));
  }
}

function validateShares(exempt: ExemptPriorityLevelConfiguration, at: string, found: Findings): void {
  const { nominalConcurrencyShares: shares, lendablePercent } = exempt;
  if (shares !== undefined && shares < 0) {
    found.push(invalid(`${at}.nominalConcurrencyShares`, shares, 'must be a non-negative integer'));
  }
  validatePercent(lendablePercent, `${at}.lendablePercent`, found);
}

function validatePercent(percent: number | undefined, field: string, found: Findings): void {
  if (percent !== undefined && (percent < 0 || percent > 100)) {
    found.push(invalid(field, percent, 'must be between 0 and 100, inclusive'));
  }
}

/** ValidateLimitResponse; the texts name the wrong type, as upstream's do. */
function validateResponse({ type = '', queuing }: Partial<LimitResponse>, at: string, found: Findings): void {
  const field = `${at}.queuing`;
  if (type === 'Reject') {
    if (queuing) found.push(forbidden(field, 'must be nil if limited.limitResponse.type is not Limited'));
  } else if (type === 'Queue') {
    if (queuing) validateQueuing(queuing, field, found);
    else found.push(required(field, 'must not be empty if limited.limitResponse.type is Limited'));
  } else if (type === '') found.push(required(`${at}.type`));
  else found.push(notSupported(`${at}.type`, type, ['Queue', 'Reject']));
}

/** ValidatePriorityLevelQueuingConfiguration */
function validateQueuing(queuing: QueuingConfiguration, at: string, found: Findings): void {
  const { queueLengthLimit = 0, queues = 0, handSize = 0 } = queuing;
  const say = (field: string, value: number, why: string): void =>
    void found.push(invalid(`${at}.${field}`, value, why));
  if (queueLengthLimit <= 0) say('queueLengthLimit', queueLengthLimit, 'must be positive');
  if (queues <= 0) say('queues', queues, 'must be positive');
  else if (queues > MOST_QUEUES) say('queues', queues, `must not be greater than ${MOST_QUEUES}`);
  if (handSize <= 0) say('handSize', handSize, 'must be positive');
  else if (handSize > queues) say('handSize', handSize, `should not be greater than queues (${queues})`);
  else if (entropyBits(queues, handSize) > HASH_BITS) {
    const why = `required entropy bits of deckSize ${queues} and handSize ${handSize} should not be greater than ${HASH_BITS}`;
    say('handSize', handSize, why);
  }
}

/** RequiredEntropyBits of apiserver/pkg/util/shufflesharding. */
const entropyBits = (deck: number, hand: number): number => (deck === 1 ? 1 : Math.ceil(Math.log2(deck) * hand));
