using System.Collections.Immutable;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace ControlPlane.Sdk.Tests.Surface;

/// <summary>Reads from a compiled program what it uses of other assemblies, with full signatures.</summary>
internal static class UsedApi
{
    /// <summary>Types and members of the named assemblies that a program refers to, in ordinal order.</summary>
    public static IReadOnlyList<string> Of(string program, IReadOnlyCollection<string> assemblies)
    {
        using var file = File.OpenRead(program);
        using var image = new PEReader(file);
        var reader = image.GetMetadataReader();
        var names = new Names();
        var used = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var handle in reader.MemberReferences)
        {
            var member = reader.GetMemberReference(handle);
            if (Owner(reader, member.Parent, names) is not { } owner || !assemblies.Contains(owner.Assembly)) continue;
            var name = reader.GetString(member.Name);
            if (member.GetKind() == MemberReferenceKind.Field)
            {
                used.Add($"{member.DecodeFieldSignature(names, null)} {owner.Type}.{name}");
                continue;
            }

            var signature = member.DecodeMethodSignature(names, null);
            used.Add($"{signature.ReturnType} {owner.Type}.{name}({string.Join(", ", signature.ParameterTypes)})");
        }

        return [.. used];
    }

    /// <summary>Assemblies that a program refers to, in ordinal order.</summary>
    public static IEnumerable<string> Assemblies(string program)
    {
        using var file = File.OpenRead(program);
        using var image = new PEReader(file);
        var reader = image.GetMetadataReader();
        return reader.AssemblyReferences
            .Select(handle => reader.GetString(reader.GetAssemblyReference(handle).Name))
            .Order(StringComparer.Ordinal)
            .ToList();
    }

    private static (string Assembly, string Type)? Owner(MetadataReader reader, EntityHandle handle, Names names)
    {
        if (handle.Kind == HandleKind.TypeReference) return Of(reader, (TypeReferenceHandle)handle);
        if (handle.Kind != HandleKind.TypeSpecification) return null;
        var specification = reader.GetTypeSpecification((TypeSpecificationHandle)handle);
        var blob = reader.GetBlobReader(specification.Signature);
        // A constructed type: its mark, whether it is a class or a value, and then the definition.
        if (blob.ReadSignatureTypeCode() != SignatureTypeCode.GenericTypeInstance) return null;
        blob.ReadByte();
        var definition = blob.ReadTypeHandle();
        if (definition.Kind != HandleKind.TypeReference) return null;
        return Of(reader, (TypeReferenceHandle)definition)?.Assembly is { } assembly
            ? (assembly, specification.DecodeSignature(names, null))
            : null;
    }

    private static (string Assembly, string Type)? Of(MetadataReader reader, TypeReferenceHandle handle)
    {
        var type = reader.GetTypeReference(handle);
        return type.ResolutionScope.Kind == HandleKind.AssemblyReference
            ? (reader.GetString(reader.GetAssemblyReference((AssemblyReferenceHandle)type.ResolutionScope).Name),
                Names.Of(reader, handle))
            : null;
    }

    /// <summary>Writes types of signatures as C# does, without their assemblies.</summary>
    private sealed class Names : ISignatureTypeProvider<string, object?>
    {
        public static string Of(MetadataReader reader, TypeReferenceHandle handle)
        {
            var type = reader.GetTypeReference(handle);
            var space = reader.GetString(type.Namespace);
            var name = reader.GetString(type.Name).Split('`')[0];
            return space.Length == 0 ? name : $"{space}.{name}";
        }

        public string GetArrayType(string elementType, ArrayShape shape) => $"{elementType}[,]";

        public string GetByReferenceType(string elementType) => $"ref {elementType}";

        public string GetFunctionPointerType(MethodSignature<string> signature) => "delegate*";

        public string GetGenericInstantiation(string genericType, ImmutableArray<string> typeArguments) =>
            $"{genericType}<{string.Join(", ", typeArguments)}>";

        public string GetGenericMethodParameter(object? genericContext, int index) => $"M{index}";

        public string GetGenericTypeParameter(object? genericContext, int index) => $"T{index}";

        public string GetModifiedType(string modifier, string unmodifiedType, bool isRequired) =>
            isRequired ? $"{unmodifiedType}!{modifier}" : unmodifiedType;

        public string GetPinnedType(string elementType) => elementType;

        public string GetPointerType(string elementType) => $"{elementType}*";

        public string GetPrimitiveType(PrimitiveTypeCode typeCode) => typeCode.ToString().ToLowerInvariant();

        public string GetSZArrayType(string elementType) => $"{elementType}[]";

        public string GetTypeFromDefinition(MetadataReader reader, TypeDefinitionHandle handle, byte rawTypeKind) =>
            reader.GetString(reader.GetTypeDefinition(handle).Name);

        public string GetTypeFromReference(MetadataReader reader, TypeReferenceHandle handle, byte rawTypeKind) =>
            Of(reader, handle);

        public string GetTypeFromSpecification(
            MetadataReader reader, object? genericContext, TypeSpecificationHandle handle, byte rawTypeKind) =>
            reader.GetTypeSpecification(handle).DecodeSignature(this, genericContext);
    }
}
