import { beforeEach, expect, test } from 'vitest';
import type { Clock } from '../clock.ts';
import { seededRandomness } from '../kubernetes/randomness.ts';
