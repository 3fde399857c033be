using Pulumi.Serialization;

namespace Pulumi;

/// <summary>Stands for content that is sent along with a resource.</summary>
public abstract class AssetOrArchive
{
    private protected AssetOrArchive(string marker, string field, object value) =>
        (Marker, Field, Value) = (marker, field, value);

    internal string Marker { get; }

    internal string Field { get; }

    internal object Value { get; }
}

/// <summary>Stands for one piece of content.</summary>
public abstract class Asset : AssetOrArchive
{
    private protected Asset(string field, object value)
        : base(Markers.Asset, field, value)
    {
    }
}

/// <summary>Takes the content of a file.</summary>
public sealed class FileAsset(string path) : Asset(Markers.Path, path);

/// <summary>Takes a text as content.</summary>
public sealed class StringAsset(string text) : Asset(Markers.Text, text);

/// <summary>Takes content from an address.</summary>
public sealed class RemoteAsset(string uri) : Asset(Markers.Uri, uri);

/// <summary>Stands for many pieces of content.</summary>
public abstract class Archive : AssetOrArchive
{
    private protected Archive(string field, object value)
        : base(Markers.Archive, field, value)
    {
    }
}

/// <summary>Takes a folder or an archive file.</summary>
public sealed class FileArchive(string path) : Archive(Markers.Path, path);

/// <summary>Takes an archive from an address.</summary>
public sealed class RemoteArchive(string uri) : Archive(Markers.Uri, uri);

/// <summary>Puts assets and archives together under names.</summary>
public sealed class AssetArchive(IDictionary<string, AssetOrArchive> assets)
    : Archive(Markers.Assets, assets.ToImmutableDictionary());
