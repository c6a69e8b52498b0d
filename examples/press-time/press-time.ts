/** At press time nobody waits for what is optional any more. */
import { defineExtension, type SignalHandler } from '@coppice/extension';

export const pressTime: SignalHandler = {
  name: 'press-time',
  handle({ payload }, { tasks }) {
    const open = tasks.filter(({ status }) => status === 'pending' || status === 'ready' || status === 'waiting');
    const reason = typeof payload === 'string' ? payload : 'It is press time';
    return open.filter(({ tags }) => tags.includes('optional')).map(({ id }) => ({ type: 'skip', task: id, reason }));
  },
};

export const { manifest, module } = defineExtension({ name: 'press-time', version: '1.0.0', signals: [pressTime] });
