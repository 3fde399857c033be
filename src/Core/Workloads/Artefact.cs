namespace ControlPlane.Workloads;

/// <summary>
/// The model or image that a workload runs, and who signed it. What is declared is judged and recorded here; whether
/// the signature is good is for whoever loads the artefact to check against the digest.
/// </summary>
/// <param name="Digest">Content digest, such as <c>sha256:</c> and 64 hexadecimal digits.</param>
/// <param name="SignedBy">Name of the signer; null when nobody signed.</param>
public sealed record Artefact(string Digest, string? SignedBy);
