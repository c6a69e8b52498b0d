/** The reader of definition files, as a script of its own: the page loads it when a person has chosen files. */
export { formatProblem, readDefinition } from '@coppice/definition';
