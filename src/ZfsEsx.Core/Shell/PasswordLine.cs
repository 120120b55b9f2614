using System.Runtime.InteropServices;
using System.Security;
using System.Text;

namespace ZfsEsx.Shell;

/// <summary>A password as the line that ssh's helper and sudo read.</summary>
internal static class PasswordLine
{
    private const int Longest = 511;

    /// <summary>The line, UTF-8, with its end; clear it after use.</summary>
    /// <exception cref="ZfsEsxException"><c>InvalidPassword</c>.</exception>
    public static byte[] Of(SecureString password, string machine)
    {
        IntPtr memory = Marshal.SecureStringToGlobalAllocUnicode(password);
        char[] text = new char[password.Length + 1];
        try
        {
            Marshal.Copy(memory, text, 0, password.Length);
            if (text.Take(password.Length).Any(c => c is '\n' or '\r' or '\0') || password.Length > Longest)
            {
                throw new ZfsEsxException(
                    "InvalidPassword", FailureKind.InvalidArgument, machine,
                    "The password has a line end or a NUL in it, or more than 511 characters; "
                        + "neither ssh nor sudo can be given such a password.",
                    "Log in with a key: -KeyFile.");
            }

            text[password.Length] = '\n';
            return Encoding.UTF8.GetBytes(text);
        }
        finally
        {
            Marshal.ZeroFreeGlobalAllocUnicode(memory);
            Array.Clear(text, 0, text.Length);
        }
    }
}
