export { type Clock, realClock, timestamp } from '../clock.ts';
