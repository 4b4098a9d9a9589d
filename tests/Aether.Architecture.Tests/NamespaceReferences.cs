using System.Reflection;
using System.Reflection.Emit;
using System.Text.RegularExpressions;

namespace Aether.Architecture.Tests;

/// <summary>Reads the references between namespaces of one assembly.</summary>
/// <remarks>
/// References are read from the compiled code: base types, signatures, local variables and the operands of each
/// instruction. Constants leave no trace there, so the using directives of the sources count, too; an unnecessary
/// directive does not compile (IDE0005).
/// </remarks>
internal static partial class NamespaceReferences
{
    private const BindingFlags Declared = BindingFlags.DeclaredOnly | BindingFlags.Public | BindingFlags.NonPublic
        | BindingFlags.Instance | BindingFlags.Static;

    private static readonly Dictionary<short, OperandType> Operands = typeof(OpCodes)
        .GetFields(BindingFlags.Public | BindingFlags.Static)
        .Select(field => (OpCode)field.GetValue(null)!)
        .ToDictionary(code => code.Value, code => code.OperandType);

    /// <summary>All references of the assembly between two of its namespaces; one example for each pair.</summary>
    public static IReadOnlyList<NamespaceReference> Of(Assembly assembly, string sources)
    {
        var own = assembly.GetTypes().Where(IsWritten).ToList();
        var namespaces = own.Select(type => type.Namespace!).ToHashSet();
        var compiled =
            from type in own
            from target in Used(type)
            where target.Assembly == assembly && IsWritten(target)
            select new NamespaceReference(type.Namespace!, target.Namespace!, $"{type.Name} uses {target.Name}");
        return [.. compiled.Concat(Usings(sources))
            .Where(reference => reference.From != reference.To && namespaces.Contains(reference.To))
            .DistinctBy(reference => (reference.From, reference.To))];
    }

    /// <summary>The types that a type uses, also in the closures and state machines that belong to it.</summary>
    public static IEnumerable<Type> UsedByAll(Type type) =>
        type.GetNestedTypes(Declared).SelectMany(UsedByAll).Concat(Used(type));

    // Code from generators and the compiler has namespaces of its own, or none.
    private static bool IsWritten(Type type) =>
        type.Namespace?.StartsWith("Aether.", StringComparison.Ordinal) == true;

    private static IEnumerable<NamespaceReference> Usings(string sources) =>
        from file in Directory.EnumerateFiles(sources, "*.cs", SearchOption.AllDirectories)
        let text = File.ReadAllText(file)
        let space = Namespace().Match(text)
        where space.Success
        from use in Using().Matches(text)
        select new NamespaceReference(
            space.Groups[1].Value, use.Groups[1].Value, $"a using directive of {Path.GetFileName(file)}");

    private static IEnumerable<Type> Used(Type type) =>
        new[] { type.BaseType }
            .Concat(type.GetInterfaces())
            .Concat(type.GetGenericArguments().SelectMany(argument => argument.GetGenericParameterConstraints()))
            .Concat(type.GetCustomAttributesData().Select(attribute => attribute.AttributeType))
            .Concat(type.GetFields(Declared).Select(field => field.FieldType))
            .Concat(type.GetMembers(Declared).OfType<MethodBase>().SelectMany(UsedBy))
            .OfType<Type>()
            .SelectMany(Parts)
            .Distinct();

    private static IEnumerable<Type> UsedBy(MethodBase method)
    {
        var body = method.GetMethodBody();
        return SignatureOf(method)
            .Concat(body?.LocalVariables.Select(local => local.LocalType) ?? [])
            .Concat(body?.ExceptionHandlingClauses
                .Where(clause => clause.Flags == ExceptionHandlingClauseOptions.Clause)
                .Select(clause => clause.CatchType!) ?? [])
            .Concat(OperandsOf(method, body?.GetILAsByteArray() ?? []).SelectMany(TypesOf));
    }

    private static IEnumerable<Type> SignatureOf(MethodBase method)
    {
        var types = method.GetParameters().Select(parameter => parameter.ParameterType);
        if (method is MethodInfo { ReturnType: var returned })
            types = types.Append(returned);
        return method.IsGenericMethod
            ? types.Concat(method.GetGenericArguments().SelectMany(
                argument => argument.IsGenericParameter ? argument.GetGenericParameterConstraints() : [argument]))
            : types;
    }

    private static IEnumerable<Type> TypesOf(MemberInfo member) => member switch
    {
        Type type => [type],
        FieldInfo field => [field.DeclaringType!, field.FieldType],
        MethodBase method => SignatureOf(method).Append(method.DeclaringType!),
        _ => [],
    };

    private static IEnumerable<Type> Parts(Type type)
    {
        if (type.HasElementType)
            return Parts(type.GetElementType()!);
        if (type.IsGenericParameter)
            return [];
        return type.IsGenericType ? type.GetGenericArguments().SelectMany(Parts).Append(type) : [type];
    }

    private static IEnumerable<MemberInfo> OperandsOf(MethodBase method, byte[] code)
    {
        var ofType = method.DeclaringType is { IsGenericType: true } type ? type.GetGenericArguments() : null;
        var ofMethod = method.IsGenericMethod ? method.GetGenericArguments() : null;
        var at = 0;
        while (at < code.Length)
        {
            var operand = Operands[code[at] == 0xfe ? (short)(0xfe00 | code[++at]) : code[at]];
            at++;
            if (operand is OperandType.InlineField or OperandType.InlineMethod or OperandType.InlineTok
                or OperandType.InlineType)
                yield return method.Module.ResolveMember(BitConverter.ToInt32(code, at), ofType, ofMethod)!;
            at += SizeOf(operand, code, at);
        }
    }

    private static int SizeOf(OperandType operand, byte[] code, int at) => operand switch
    {
        OperandType.InlineNone => 0,
        OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar => 1,
        OperandType.InlineVar => 2,
        OperandType.InlineI8 or OperandType.InlineR => 8,
        OperandType.InlineSwitch => 4 + (4 * BitConverter.ToInt32(code, at)),
        _ => 4,
    };

    [GeneratedRegex(@"^namespace ([\w.]+);", RegexOptions.Multiline)]
    private static partial Regex Namespace();

    [GeneratedRegex(@"^using ([\w.]+);", RegexOptions.Multiline)]
    private static partial Regex Using();
}
