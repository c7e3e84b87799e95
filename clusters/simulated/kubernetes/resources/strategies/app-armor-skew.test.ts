import { describe, expect, it } from 'vitest';
import type { Pod } from '../../model/generated/objects.ts';
import { applyAppArmorSkew, appArmorWarnings } from './app-armor-skew.ts';

const KEY = 'container.apparmor.security.beta.kubernetes.io/c';
const pod = (annotation: string, spec: object = {}, securityContext?: object): Pod =>
  ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'p', annotations: { [KEY]: annotation } },
    spec: { containers: [{ name: 'c', image: 'nginx', ...(securityContext && { securityContext }) }], ...spec },
  }) as unknown as Pod;

describe('annotations for AppArmor', () => {
  it.each([
    ['unconfined', { type: 'Unconfined' }],
    ['runtime/default', { type: 'RuntimeDefault' }],
    ['localhost/mine', { type: 'Localhost', localhostProfile: 'mine' }],
    ['localhost/', undefined],
    ['bogus', undefined],
  ])('become a field: %s', (annotation, profile) => {
    const made = pod(annotation);
    applyAppArmorSkew(made);
    expect(made.spec?.containers[0]?.securityContext?.appArmorProfile).toEqual(profile);
    expect(appArmorWarnings(made)).toEqual(
      profile === undefined
        ? []
        : [`metadata.annotations[${KEY}]: deprecated since v1.30; use the "appArmorProfile" field instead`],
    );
  });

  it('leave a field alone, and add none where the pod says the same', () => {
    const own = pod('unconfined', {}, { appArmorProfile: { type: 'RuntimeDefault' } });
    applyAppArmorSkew(own);
    expect(own.spec?.containers[0]?.securityContext?.appArmorProfile).toEqual({ type: 'RuntimeDefault' });
    const whole = pod('unconfined', { securityContext: { appArmorProfile: { type: 'Unconfined' } } });
    applyAppArmorSkew(whole);
    expect(whole.spec?.containers[0]?.securityContext).toBeUndefined();
  });
});
