"""What can go wrong with keys and sealed things. No message holds a key, a plain value, or more than a key's id.

All are store errors, because callers of an object store meet them there. Held ones mend when the master or the ring is
back; `key_destroyed` never does: doors answer it as gone (410), and nothing tries it again.
"""

from __future__ import annotations

from pipeline.errors import Exit, HeldError
from pipeline.store.errors import CorruptError, StoreError, VerbUnsupportedError


class VaultError(StoreError):
    """Base of the vault's errors."""

    code = "vault_failed"
    message_vi = "Kho khóa mã hóa báo lỗi."


class KeyDestroyedError(VaultError):
    """The owner's key was destroyed on purpose: what it sealed is gone for good."""

    code = "key_destroyed"
    exit_code = Exit.REFUSED
    message_vi = "Dữ liệu này đã bị hủy khóa theo quyết định xóa; không còn đọc được."
    remedy_vi = "Không khôi phục được. Xem nhật ký để biết ai hủy, khi nào và vì sao."


class ContentEndedError(VaultError, HeldError):
    """A file was erased with its last owner between being stored again and being taken into its dossier."""

    code = "content_ended"
    exit_code = Exit.HELD
    message_vi = "Tệp này vừa bị hủy theo một yêu cầu xóa khác trong lúc nhận."
    remedy_vi = "Tệp của bạn vẫn ở chỗ cũ; hãy nộp lại."


class KeyUnknownError(VaultError, HeldError):
    """Sealed under a key that the ring does not hold: the ring is another one, or an older copy."""

    code = "key_unknown"
    exit_code = Exit.HELD
    message_vi = "Vòng khóa không có khóa của dữ liệu này."
    remedy_vi = "Hãy khôi phục vòng khóa từ bản sao lưu mới nhất (hoso vault restore-ring), rồi thử lại."


class MasterMissingError(VaultError, HeldError):
    """Keys are wrapped by a master that is not on this machine."""

    code = "master_missing"
    exit_code = Exit.HELD
    message_vi = "Không có khóa chủ của kho trên máy này; dữ liệu đã mã hóa không mở được."
    remedy_vi = "Hãy đặt lại tệp khóa chủ (mặc định HOSO_HOME/vault/master.key, quyền 0600) từ nơi cất giữ."


class MasterWrongError(VaultError, HeldError):
    """There is a master, but not the one that wrapped these keys; or its file was changed."""

    code = "master_wrong"
    exit_code = Exit.HELD
    message_vi = "Khóa chủ trên máy này không phải khóa đã bọc vòng khóa."
    remedy_vi = "Hãy đặt đúng tệp khóa chủ (hoặc đúng token), không tạo khóa mới đè lên."


class MasterUnreachableError(VaultError, HeldError):
    """The token or service with the master does not answer, or its file cannot be read."""

    code = "master_unreachable"
    exit_code = Exit.HELD
    message_vi = "Không dùng được nơi giữ khóa chủ (tệp, token hoặc HSM)."
    remedy_vi = "Hãy kiểm tra token đã cắm, mã PIN và quyền đọc tệp; hệ thống sẽ tự thử lại."


class MasterUnsafeError(VaultError):
    """Other users of the machine may read the master's file."""

    code = "master_unsafe"
    message_vi = "Tệp khóa chủ cho người khác đọc được."
    remedy_vi = "Hãy chạy chmod 600 cho tệp khóa chủ; nếu đã có người khác đọc, hãy đổi khóa (hoso vault rotate)."


class RingUnreachableError(VaultError, HeldError):
    """The key ring's database does not answer."""

    code = "ring_unreachable"
    exit_code = Exit.HELD
    message_vi = "Không dùng được vòng khóa: mất kết nối, đang bị khóa, hoặc đĩa đã đầy."
    remedy_vi = "Hồ sơ được giữ lại; hãy kiểm tra nơi đặt vòng khóa (HOSO_VAULT__RING_URL), hệ thống sẽ tự thử lại."


class SealBrokenError(VaultError, CorruptError):
    """Sealed bytes were changed, cut, or lie where they do not belong."""

    code = "seal_broken"
    message_vi = "Dữ liệu mã hóa đã bị sửa, bị cắt, hoặc nằm sai chỗ."
    remedy_vi = "Hãy khôi phục đối tượng này từ bản sao lưu."


class PresignSealedError(VaultError, VerbUnsupportedError):
    """A presigned address would hand out ciphertext, and the key cannot go with it."""

    code = "presign_sealed"
    exit_code = Exit.REFUSED
    message_vi = "Không cấp được địa chỉ tải thẳng: đối tượng trong kho đã mã hóa, chỉ phần mềm mới mở được."
    remedy_vi = "Hãy tải qua API của phần mềm; nơi đó kiểm tra quyền, ghi nhật ký và giải mã."


class HeldByLawError(VaultError):
    """A legal hold keeps this key from being destroyed."""

    code = "key_on_hold"
    exit_code = Exit.REFUSED
    message_vi = "Không hủy được khóa: hồ sơ đang bị lệnh giữ nguyên trạng."
    remedy_vi = "Hãy gỡ lệnh giữ theo đúng thẩm quyền trước, rồi mới yêu cầu xóa."


class NameUnknownError(VaultError):
    """The ring knows no key of this name."""

    code = "key_name_unknown"
    exit_code = Exit.REFUSED
    message_vi = "Vòng khóa không có chủ nào mang mã này."
    remedy_vi = "Hãy kiểm tra lại mã hồ sơ hoặc mã công dân (không phải số định danh)."


class VaultOptionsError(VaultError):
    """The settings do not describe a vault."""

    code = "vault_options_invalid"
    message_vi = "Cấu hình kho khóa không đúng."
    remedy_vi = "Hãy sửa mục HOSO_VAULT__... trong cấu hình rồi chạy lại."
