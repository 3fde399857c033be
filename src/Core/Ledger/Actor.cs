namespace ControlPlane.Ledger;

/// <summary>Says who caused an event: who acted, vouched for by whom, on whose behalf, and from where.</summary>
/// <param name="Subject">Who acted, as its issuer names it.</param>
/// <param name="Issuer">Who vouches for that; empty when nobody was known.</param>
/// <param name="OnBehalfOf">For whom it acted; empty when for itself.</param>
/// <param name="From">Address that the request came from.</param>
public sealed record Actor(string Subject, string Issuer, string OnBehalfOf, string From)
{
    /// <summary>Name of the token that was used; empty when it has none.</summary>
    public string Token { get; init; } = "";

    internal void Write(CanonicalWriter writer)
    {
        foreach (var text in (string[])[Subject, Issuer, OnBehalfOf, From, Token]) writer.Text(text);
    }

    internal static Actor Read(CanonicalReader reader) =>
        new(reader.Text(), reader.Text(), reader.Text(), reader.Text()) { Token = reader.Text() };
}
