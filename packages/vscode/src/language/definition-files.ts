/** Definition files, by their names. */
import type * as vscode from 'vscode';

export const DEFINITION_GLOB = '**/*.coppice.{yaml,yml,json}';

export const DEFINITION_FILES: vscode.DocumentSelector = [{ pattern: DEFINITION_GLOB }];

export function isDefinition({ path, scheme }: vscode.Uri): boolean {
  return /\.coppice\.(ya?ml|json)$/.test(path) && scheme !== 'git';
}
