/** @coppice/testkit/hostile: what attackers and accidents send. Seeded by fast-check. */
export { HOSTILE_TEXTS, hostileTexts } from './hostile/hostile-texts.ts';
export { mutatedMessages } from './hostile/mutated-messages.ts';
export { RICH_REQUESTS } from './hostile/rich-requests.ts';
