namespace ControlPlane.Files;

/// <summary>
/// A declared text file as it was read: its path relative to the tree, with forward slashes, and its text.
/// </summary>
public sealed record SourceFile(string Path, string Text);
