import { expect, test } from 'vitest';
import { runtimeHandlers } from './runtime-handlers.ts';

test.each<[string, string, Record<string, string>]>([
  ['nothing', '', { runc: 'io.containerd.runc.v2' }],
  [
    'a runtime beside runc, with options of its own',
    `[plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc]
  runtime_type = 'io.containerd.runc.v2'
[plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc.options]
  SystemdCgroup = true
[plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runsc]
  runtime_type = "io.containerd.runsc.v1"
`,
    { runc: 'io.containerd.runc.v2', runsc: 'io.containerd.runsc.v1' },
  ],
  [
    'the names of containerd 1.7',
    '[plugins."io.containerd.grpc.v1.cri".containerd.runtimes."kata"] # virtual machines\n  runtime_type = "io.containerd.kata.v2"\n',
    { runc: 'io.containerd.runc.v2', kata: 'io.containerd.kata.v2' },
  ],
  [
    'another plugin’s table',
    "[plugins.'x'.containerd.runtimes.y]\n  runtime_type = 'z'\n",
    { runc: 'io.containerd.runc.v2' },
  ],
])('reads the handlers of %s', (_, config, expected) => {
  expect(Object.fromEntries(runtimeHandlers(config))).toEqual(expected);
});
