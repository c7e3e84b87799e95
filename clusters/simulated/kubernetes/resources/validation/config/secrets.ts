import type { Secret } from '../../../model/generated/objects.ts';
import { parseJson } from '../../../model/json-text.ts';
import { configMapKeyErrors } from '../../../model/names.ts';
import { UnmarshalError } from '../../../model/typed.ts';
import { addTexts, invalid, required, tooLong, type Findings } from '../field-errors.ts';
import { immutable } from '../immutable.ts';
import { decodedLength, MOST_BYTES, validateFrozen } from './config-maps.ts';

const ACCOUNT_NAME = 'kubernetes.io/service-account.name';

/** ValidateSecret of pkg/apis/core/validation. */
export function validateSecret({ metadata, type, data = {} }: Secret, found: Findings): void {
  let bytes = 0;
  for (const [key, value] of Object.entries(data)) {
    addTexts(found, `data[${key}]`, key, configMapKeyErrors(key));
    bytes += decodedLength(value);
  }
  if (bytes > MOST_BYTES) found.push(tooLong('data', MOST_BYTES));
  const needs = (key: string): void => void (Object.hasOwn(data, key) || found.push(required(`data[${key}]`)));
  switch (type) {
    case 'kubernetes.io/service-account-token':
      if (!metadata.annotations?.[ACCOUNT_NAME]) found.push(required(`metadata.annotations[${ACCOUNT_NAME}]`));
      break;
    case 'kubernetes.io/dockercfg':
      validateDockerConfig(data, '.dockercfg', found);
      break;
    case 'kubernetes.io/dockerconfigjson':
      validateDockerConfig(data, '.dockerconfigjson', found);
      break;
    case 'kubernetes.io/basic-auth':
      if (!Object.hasOwn(data, 'username') && !Object.hasOwn(data, 'password')) ['username', 'password'].forEach(needs);
      break;
    case 'kubernetes.io/ssh-auth':
      if (!data['ssh-privatekey']) found.push(required('data[ssh-privatekey]'));
      break;
    case 'kubernetes.io/tls':
      ['tls.crt', 'tls.key'].forEach(needs);
      break;
    default:
  }
}

function validateDockerConfig(data: Readonly<Record<string, string>>, key: string, found: Findings): void {
  const encoded = data[key];
  if (encoded === undefined) return void found.push(required(`data[${key}]`));
  const wrong = jsonObjectError(Buffer.from(encoded, 'base64').toString('utf8'));
  if (wrong !== undefined) found.push(invalid(`data[${key}]`, '<secret contents redacted>', wrong));
}

/** What Go's encoding/json says of a text that is no object. */
function jsonObjectError(text: string): string | undefined {
  let value: unknown;
  try {
    value = parseJson(text);
  } catch (error) {
    if (error instanceof UnmarshalError) return error.message;
    throw error;
  }
  if (value === null || (typeof value === 'object' && !Array.isArray(value))) return undefined;
  const kind = Array.isArray(value) ? 'array' : typeof value === 'boolean' ? 'bool' : typeof value;
  return `json: cannot unmarshal ${kind} into Go value of type map[string]interface {}`;
}

/** ValidateSecretUpdate */
export function validateSecretUpdate(secret: Secret, old: Secret, found: Findings): void {
  immutable(secret.type, old.type, 'type', found);
  validateFrozen(secret, old, ['data'], found);
  validateSecret(secret, found);
}
