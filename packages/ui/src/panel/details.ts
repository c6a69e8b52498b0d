/** The details of the selected task as an editor's webview loads them. */
import { DetailsView } from '../view/details-view.ts';
import { showPanel } from './editor-channel.ts';

document.body.classList.add('details');

showPanel((parent, events) => new DetailsView(parent, events), 'notice');
